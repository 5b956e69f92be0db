[PS] C:\>$secret = ConvertTo-SecureString "hunter2" -AsPlainText -Force
[PS] C:\>$cred = New-Object System.Management.Automation.PSCredential("relay@contoso.com", $secret)
New-SendConnector -Name “To relay” -Usage Internet -AddressSpaces “SMTP:*;1” -DNSRoutingEnabled $false -SmartHosts “relay.contoso.com”, 192.0.2.25 -SmartHostAuthMechanism BasicAuthRequireTLS -AuthenticationCredential $cred -Port 587
Get-SendConnector | Format-Table Name,AddressSpaces,SmartHosts,Enabled
Get-SendConnector "To relay" | Set-SendConnector -SmartHosts @{Add="[2001:db8::25]"; Remove="192.0.2.25"} -MaxMessageSize 50MB
Test-MailRoute anna@fabrikam.example | fl
#---- result
Get-SendConnector "To relay" | fl Identity,AddressSpaces,AuthenticationCredential,DNSRoutingEnabled,MaxMessageSize,Port,SmartHostAuthMechanism,SmartHosts,TlsAuthLevel
(Get-SendConnector "To relay").MaxMessageSize.ToMB()
