$cert = Get-ExchangeCertificate -Thumbprint 0000000000000000000000000000000000000000
$tlscertificatename = "<i>$($cert.Issuer)<s>$($cert.Subject)"
Set-ReceiveConnector "MX\Client Frontend MX" -Fqdn mail.contoso.com -TlsCertificateName $tlscertificatename
