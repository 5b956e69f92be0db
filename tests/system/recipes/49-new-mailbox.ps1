$password = ConvertTo-SecureString -String "a long enough pass phrase" -AsPlainText -Force
New-Mailbox -Name alice -PrimarySmtpAddress alice@example.test -Password $password | ft Name,PrimarySmtpAddress
Set-Mailbox alice -EmailAddresses @{Add="info@example.test"}
Get-Mailbox | ? { $_.Name -eq "alice" } | Set-Mailbox -Enabled $false
#---- result
Get-Mailbox alice | fl Name,EmailAddresses,Enabled
