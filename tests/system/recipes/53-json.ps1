$json = Get-ReceiveConnector "Default MX" | Select-Object Name, MaxHopCount, RequireTLS, MaxMessageSize | ConvertTo-Json
$json
$back = $json | ConvertFrom-Json
$back.MaxHopCount + 1
