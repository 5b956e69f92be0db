$Cert = Get-ExchangeCertificate -Thumbprint {{MAIL}}
$TLSCert = (‘<I>’+$cert.issuer+’<S>’+$cert.subject)
Set-ReceiveConnector “Client Proxy MX” -TlsCertificateName $TLSCert
#---- result
(Get-ReceiveConnector "Client Proxy MX").TlsCertificateName
