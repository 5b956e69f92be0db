$thumb = "‎{{SPACED}}"
$cert = Get-ExchangeCertificate -Thumbprint $thumb
$cert.Subject
