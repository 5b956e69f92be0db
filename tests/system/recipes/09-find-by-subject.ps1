$thumb = (Get-ExchangeCertificate | Where-Object{$_.subject -like "*contoso*"}).thumbprint
Write-Host "Found: $thumb"
