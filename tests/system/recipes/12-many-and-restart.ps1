$servers = "MX"
foreach ($server in $servers) {
    Set-ReceiveConnector "$server\Default Frontend $server" -ProtocolLoggingLevel Verbose
}
Restart-Service MSExchangeTransport
Get-Service MSExchangeTransport | ft Status,Name
#---- result
(Get-ReceiveConnector "Default Frontend MX").ProtocolLoggingLevel
