Get-TransportService | fl MailboxTransport
Set-TransportService -MailboxTransport /run/dovecot/lmtp
Set-TransportService MX -MailboxTransport unix:/run/dovecot/lmtp -IntraOrgConnectorProtocolLoggingLevel Verbose
Get-TransportService | fl MailboxTransport,IntraOrgConnectorProtocolLoggingLevel
New-Mailbox -Name erika -PrimarySmtpAddress erika@contoso.com
Test-MailRoute erika@contoso.com | fl DeliveryType,NextHopDomain,SendConnector,Reason
Set-TransportService -MailboxTransport 'inet:[2001:db8::24]:2424' -WhatIf
Remove-Mailbox erika -Confirm:$false
#---- result
Set-TransportService -MailboxTransport $null -IntraOrgConnectorProtocolLoggingLevel None
Get-TransportService | fl MailboxTransport,IntraOrgConnectorProtocolLoggingLevel
