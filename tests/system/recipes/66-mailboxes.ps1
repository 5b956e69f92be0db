New-Mailbox -Name erika -PrimarySmtpAddress erika@example.test | Out-Null
Set-Mailbox erika -EmailAddresses @{add="smtp:e.muster@example.test","office@example.test"} -DisplayName "Erika Muster"
Set-Mailbox -Identity office@example.test -PrimarySmtpAddress office@example.test
Get-Mailbox -ResultSize Unlimited | ? {$_.EmailAddresses -like "*muster*"} | Select Identity,DisplayName,PrimarySmtpAddress
Get-AcceptedDomain | fl Identity,DomainName,Default
#---- result
Get-Mailbox erika | fl Identity,PrimarySmtpAddress,EmailAddresses
Set-Mailbox erika -EmailAddresses "SMTP:erika@example.test","smtp:e.muster@example.test"
Get-Mailbox erika | fl PrimarySmtpAddress,EmailAddresses
Remove-Mailbox erika -Confirm:$false
