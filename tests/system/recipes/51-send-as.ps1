New-Mailbox -Name bob -PrimarySmtpAddress bob@example.test | Out-Null
Add-ADPermission -Identity alice -User bob -ExtendedRights "Send As" | Out-Null
#---- result
Get-ADPermission alice | ? { $_.ExtendedRights -contains "Send-As" -or "$($_.ExtendedRights)" -like "*Send*" } | % { "$($_.User)" } | select -First 1
