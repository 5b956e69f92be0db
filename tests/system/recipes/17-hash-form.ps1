Set-ReceiveConnector "Anonymous Relay" -RemoteIPRanges @{Add="10.0.1.10","10.0.1.11";Remove="192.168.5.11"}
#---- result
(Get-ReceiveConnector "Anonymous Relay").RemoteIPRanges
