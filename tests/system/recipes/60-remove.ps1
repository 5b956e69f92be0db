Remove-ReceiveConnector Copy -Confirm:$false
Get-ReceiveConnector "Anonymous*" | Remove-ReceiveConnector -Confirm:$false
#---- result
(Get-ReceiveConnector).Count
