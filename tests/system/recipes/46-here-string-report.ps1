$c = Get-ReceiveConnector "Default MX"
$text = @"
Connector:  $($c.Name)
Hops:       $($c.MaxHopCount)
"Quoted":   '$($c.Enabled)'
"@
$text
$text | Out-File {{FOLDER}}/report.txt
@(Get-Content {{FOLDER}}/report.txt).Count
