$before = (Get-ReceiveConnector "Default MX").MaxHopCount
try {
    Set-ReceiveConnector "Default MX" -MaxHopCount 20
    throw "the test failed"
} catch {
    Write-Warning "$_ - back to $before"
} finally {
    Set-ReceiveConnector "Default MX" -MaxHopCount $before
}
#---- result
(Get-ReceiveConnector "Default MX").MaxHopCount
