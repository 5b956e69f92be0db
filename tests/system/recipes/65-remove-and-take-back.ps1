New-Mailbox -Name zoe -PrimarySmtpAddress zoe@example.test -Password (ConvertTo-SecureString "secret 9" -AsPlainText -Force)
Remove-Mailbox zoe -Confirm:$false
Undo-Configuration (Get-ConfigurationRevision -ResultSize 1).Identity -Confirm:$false
Get-Mailbox zoe | ft Name,HasPassword
#---- result
Remove-Mailbox zoe -Confirm:$false
