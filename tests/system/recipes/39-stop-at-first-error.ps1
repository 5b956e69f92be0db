$ErrorActionPreference = "Stop"
Write-Host "one"
Get-ReceiveConnector "Not There"
Write-Host "two"
