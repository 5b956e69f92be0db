$cert = Get-ExchangeCertificate -Thumbprint {{MAIL}}
$tlscertificatename = "$($cert.Issuer)$($cert.Subject)"
Set-ReceiveConnector "MX\Client Frontend MX" -TlsCertificateName $tlscertificatename
