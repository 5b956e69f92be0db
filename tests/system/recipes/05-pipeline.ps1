$cert = Get-ExchangeCertificate | where { $_.Subject -like "*contoso*" }
$n = "<I>$($cert.Issuer)<S>$($cert.Subject)"
Get-ReceiveConnector -Identity "Client*" | Set-ReceiveConnector -TlsCertificateName $n
Get-ReceiveConnector | Format-List Name,Fqdn,TlsCertificateName
