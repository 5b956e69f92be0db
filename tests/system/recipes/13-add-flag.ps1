$a=(Get-ReceiveConnector "Default MX").AuthMechanism; $a += "BasicAuth"; Set-ReceiveConnector "Default MX" -AuthMechanism $a
#---- result
(Get-ReceiveConnector "Default MX").AuthMechanism
