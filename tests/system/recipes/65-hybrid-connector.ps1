$tenant = "contoso"
New-SendConnector -Name "Outbound to Office 365" -AddressSpaces "$tenant.mail.onmicrosoft.com;1" -CloudServicesMailEnabled $true -Fqdn mail.contoso.com -RequireTLS $true -DNSRoutingEnabled $true -TlsAuthLevel DomainValidation -TlsDomain mail.protection.outlook.com
$cert = Get-ExchangeCertificate -Thumbprint {{MAIL}}
$TLSCert = (‘<I>’+$cert.issuer+’<S>’+$cert.subject)
Set-SendConnector "Outbound to Office 365" -TlsCertificateName $TLSCert -FrontendProxyEnabled $true
Set-SendConnector "Outbound to Office 365" -TlsAuthLevel $null -TlsDomain $null -TlsCertificateName $null
#---- result
Get-SendConnector Outbound* | fl Name,AddressSpaces,CloudServicesMailEnabled,Fqdn,FrontendProxyEnabled,RequireTLS,TlsAuthLevel,TlsCertificateName,TlsDomain
Get-SendConnector | Remove-SendConnector -Confirm:$false
Get-SendConnector | measure | % Count
