$n = "Default MX"; $c = Get-ReceiveConnector $n; if ($c.Enabled) { Write-Host "$n is on" -ForegroundColor Green } else { Write-Host "$n is off" -ForegroundColor Red }
