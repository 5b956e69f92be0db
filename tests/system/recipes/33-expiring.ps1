$limit = (Get-Date).AddDays(400)
Get-ExchangeCertificate |
    Where-Object { $_.NotAfter -lt $limit -and $_.Services -match "SMTP" } |
    Sort-Object NotAfter |
    Select-Object Subject, @{Name="Days"; Expression={ ($_.NotAfter - (Get-Date)).Days }} |
    Format-Table -AutoSize
