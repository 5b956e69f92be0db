function Get-TlsName([string]$Thumbprint)
{
    $c = Get-ExchangeCertificate -Thumbprint $Thumbprint -ErrorAction SilentlyContinue
    if (-not $c) { return $null }
    return "<I>$($c.Issuer)<S>$($c.Subject)"
}

$a = Get-TlsName {{MAIL}}
$b = Get-TlsName 0000000000000000000000000000000000000000
"a: $a"
if ($b -eq $null) { "b: none" }
Set-ReceiveConnector "Client Frontend MX" -TlsCertificateName $b
