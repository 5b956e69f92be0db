$old = (Get-ReceiveConnector "Client Frontend MX").TlsCertificateName
$cert = Get-ExchangeCertificate -Thumbprint {{MAIL}}
$new = "<I>$($cert.Issuer)<S>$($cert.Subject)"
$connectors = Get-ReceiveConnector | Where-Object { $_.TlsCertificateName -eq $old }
foreach ($connector in $connectors) {
    Set-ReceiveConnector -Identity $connector.Identity -TlsCertificateName $new -WhatIf
}
