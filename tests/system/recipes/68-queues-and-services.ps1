# after a change of the certificate: restart, and send what has waited
Stop-Service MSExchangeTransport
Start-Service MSExchangeTransport
Get-Service MSExchange* | ft Status
Get-Queue -Filter {Status -eq "Retry"} | Retry-Queue
Get-Message -Filter "FromAddress -like '*@spam.example'" -ResultSize Unlimited | Remove-Message -WithNDR $false -Confirm:$false
Remove-Message -Filter {Subject -eq "You have won"} -WithNDR $false -Confirm:$false
Suspend-Queue MX\Mailbox
Get-Queue | ft Identity,Status,MessageCount
Resume-Queue MX\Mailbox
Get-QueueDigest -Server MX | ft GroupByValue,MessageCount
#---- result
(Get-Queue | Measure-Object).Count
