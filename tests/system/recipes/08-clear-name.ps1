Get-ReceiveConnector "MX\Client Proxy MX" | Set-ReceiveConnector -TlsCertificateName $null
#---- result
Get-ReceiveConnector "Client Proxy MX" | fl TlsCertificateName
