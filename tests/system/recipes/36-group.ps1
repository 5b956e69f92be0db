Get-ReceiveConnector | Group-Object TransportRole -NoElement | Sort-Object Count -Descending | ft Count,Name
