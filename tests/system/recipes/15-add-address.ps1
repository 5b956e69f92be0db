$c=Get-ReceiveConnector "Anonymous Relay"; $c.RemoteIPRanges += "1.2.3.4"; Set-ReceiveConnector "Anonymous Relay" -RemoteIPRanges $c.RemoteIPRanges
#---- result
(Get-ReceiveConnector "Anonymous Relay").RemoteIPRanges
