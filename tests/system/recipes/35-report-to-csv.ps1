$report = @()
foreach ($rc in Get-ReceiveConnector) {
    $row = New-Object PSObject -Property @{ Name = $rc.Name; Size = $rc.MaxMessageSize.ToMB() }
    $report += $row
}
$report | Sort-Object Name | Select-Object Name, Size | Export-Csv {{FOLDER}}/report.csv -NoTypeInformation
Import-Csv {{FOLDER}}/report.csv | Select-Object -First 2 | ft
Get-Content {{FOLDER}}/report.csv | Select-Object -First 1
