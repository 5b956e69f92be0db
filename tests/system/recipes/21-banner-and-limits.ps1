Set-ReceiveConnector Copy -Banner "220 mail.contoso.com" -TarpitInterval 00:00:00 -ConnectionTimeout 00:30:00 -ConnectionInactivityTimeout 00:20:00 -MaxAcknowledgementDelay 00:00:00
(Get-ReceiveConnector Copy).Banner
Set-ReceiveConnector Copy -Banner $null
#---- result
Get-ReceiveConnector Copy | fl Banner,ConnectionTimeout,ConnectionInactivityTimeout
