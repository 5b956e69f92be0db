param([string]$IP = "1.2.3.4")
foreach ($connector in Get-ReceiveConnector "Anonymous*") {
    $IPRange = $connector.RemoteIPRanges
    $IPRange -= $IP
    Set-ReceiveConnector $connector.Identity -RemoteIPRanges $IPRange
}
#---- result
(Get-ReceiveConnector "Anonymous Relay").RemoteIPRanges -join ", "
