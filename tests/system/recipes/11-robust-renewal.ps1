$rc = Get-ReceiveConnector "Client Frontend MX"
foreach ($pair in ,@('Receive', $rc)) {
    $name = $pair[1].TlsCertificateName
    if ($name -notmatch '(?i)^<I>(.*)<S>(.*)$') { Write-Warning "no name"; continue }
    $name -match '(?i)^<I>(.*)<S>(.*)$' | Out-Null
    "$($pair[0]): issuer $($Matches[1] -replace ',\s+', ','), subject $($Matches[2])"
}
