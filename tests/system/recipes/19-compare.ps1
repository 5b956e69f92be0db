$a = Get-ReceiveConnector "Anonymous Relay"
Compare-Object $a.RemoteIPRanges.Expression ("192.168.5.10","10.0.1.10","10.0.9.9") | ft InputObject,SideIndicator
