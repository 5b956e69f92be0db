$tries = 0
do {
    $tries++
    $ready = (Get-TransportService).Name -eq "MX"
} until ($ready -or $tries -ge 3)
"ready after $tries"
