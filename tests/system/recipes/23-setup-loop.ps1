$connectors = Get-ReceiveConnector
foreach ($c in $connectors) { if ($c.MaxLocalHopCount -gt 1) { Set-ReceiveConnector $c.Identity -MaxLocalHopCount 5 -WhatIf | Out-Null; "$($c.Name) stays" } }
