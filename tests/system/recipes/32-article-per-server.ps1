$servers = @("MX")
$cert = Get-ExchangeCertificate -Thumbprint {{MAIL}}
$name = "<I>$($cert.Issuer)<S>$($cert.Subject)"
foreach ($server in $servers)
{
    foreach ($connector in "Client Frontend","Default Frontend")
    {
        Set-ReceiveConnector "$server\$connector $server" -TlsCertificateName $name -Confirm:$false
    }
}
#---- result
Get-ReceiveConnector "*Frontend*" | ft Name,TlsCertificateName
