# a weekly check of one server
$server = "MX"
Get-TransportService -Identity $server | fl identity,internaltransport*thumbprint
Get-TransportServer | Set-TransportServer -ReceiveProtocolLogMaxAge 60.00:00:00 -MessageTrackingLogMaxAge 90.00:00:00
Set-FrontendTransportService $server -ReceiveProtocolLogMaxDirectorySize 1GB
Test-SmtpConnectivity $server | ? {$_.StatusCode -ne "Success"} | ft ReceiveConnector,Details
#---- result
Get-TransportService | fl ReceiveProtocolLogMax*,MessageTrackingLogMax*
Get-FrontendTransportService MX | select Name,ReceiveProtocolLogMaxAge
