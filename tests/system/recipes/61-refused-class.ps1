Write-Host "before"
class Thing { }
