$cert = Get-ExchangeCertificate -Thumbprint {{MAIL}}
$tlscertificatename = "[I]$($cert.Issuer)[S]$($cert.Subject)"
Set-ReceiveConnector "MX\Client Frontend MX" -TlsCertificateName $tlscertificatename
