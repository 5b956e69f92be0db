Set-ServerComponentState MX -Component HubTransport -State Draining -Requester Maintenance
Restart-Service MSExchangeTransport
while ((Get-Queue | Measure-Object -Property MessageCount -Sum).Sum -gt 0) { break }
Set-ServerComponentState MX -Component ServerWideOffline -State Inactive -Requester Maintenance
Get-ServerComponentState MX | ft Component,State -AutoSize
(Get-ServerComponentState -Identity MX -Component HubTransport).LocalStates | ft Requester,State
Get-ReceiveConnector | select Name,State -First 2
Set-ServerComponentState MX -Component ServerWideOffline -State Active -Requester Maintenance
Set-ServerComponentState MX -Component HubTransport -State Active -Requester Maintenance
#---- result
Get-ServerComponentState MX | ft Component,State
