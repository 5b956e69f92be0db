[PS] C:\>Get-ExchangeCertificate

[PS] C:\>$cert = Get-ExchangeCertificate -Thumbprint {{MAIL}}
[PS] C:\>$tlscertificatename = “<i>$($cert.Issuer)<s>$($cert.Subject)”
[PS] C:\>Set-ReceiveConnector “MX\Client Frontend MX” –Fqdn mail.contoso.com –TlsCertificateName $tlscertificatename
#---- result
Get-ReceiveConnector "Client Frontend MX" | fl Name,Fqdn,TlsCertificateName
(Test-ReceiveConnectorCertificate "Client Frontend MX").Presents.Thumbprint
