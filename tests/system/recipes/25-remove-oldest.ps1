try {
    $twins = Get-ExchangeCertificate | ? { $_.FriendlyName -eq 'Renewed' } | Sort-Object NotAfter
    $oldest = @($twins)[0].Thumbprint
    Remove-ExchangeCertificate -Thumbprint $oldest -Confirm:$false -ErrorAction Stop
    Write-Host "removed one"
} catch {
    Write-Host "failed: $($_.Exception.Message)"
}
#---- result
@(Get-ExchangeCertificate | ? { $_.FriendlyName -eq 'Renewed' }).Count
