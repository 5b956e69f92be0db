$m = Get-ReceiveConnector | Measure-Object MaxHopCount -Maximum -Minimum
"$($m.Count) connectors, hops $($m.Minimum) to $($m.Maximum)"
