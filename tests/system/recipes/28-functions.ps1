function Get-Port {
    param([Parameter(Mandatory=$true)][string]$Name, [int]$Default = 25)
    $binding = (Get-ReceiveConnector $Name).Bindings | select -First 1
    if ($binding) { return [int]($binding -split ':')[-1] - {{OFFSET}} } else { return $Default }
}
$report = @{}
'Default Frontend MX', 'Client Frontend MX' | % { $report[$_] = Get-Port -Name $_ }
foreach ($key in $report.Keys) { "{0,-22}{1,6}" -f $key, $report[$key] }
$total = 0
$i = 0
while ($i -lt 2) { $total += @($report.Values)[$i]; $i++ }
switch ($total) { 612 { "as expected" } default { "odd: $_" } }
