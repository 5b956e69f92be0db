Get-ReceiveConnector | Export-Clixml {{FOLDER}}/connectors.xml
$saved = Import-Clixml {{FOLDER}}/connectors.xml
$saved.Count
$old = $saved | ? { $_.Name -eq "Default MX" }
Set-ReceiveConnector $old.Identity -MaxHopCount 30 | Out-Null
foreach ($connector in $saved) {
    $now = Get-ReceiveConnector $connector.Identity
    if ($now.MaxHopCount -ne $connector.MaxHopCount) {
        "restoring $($connector.Name)"
        Set-ReceiveConnector $connector.Identity -MaxHopCount $connector.MaxHopCount -MaxMessageSize $connector.MaxMessageSize -ConnectionTimeout $connector.ConnectionTimeout -RemoteIPRanges $connector.RemoteIPRanges
    }
}
#---- result
(Get-ReceiveConnector "Default MX").MaxHopCount
