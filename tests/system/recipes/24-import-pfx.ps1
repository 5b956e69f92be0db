Import-ExchangeCertificate -FileData ([System.IO.File]::ReadAllBytes('{{FOLDER}}/authority/new.pfx')) -Password (ConvertTo-SecureString -String 'secret' -AsPlainText -Force) -FriendlyName Renewed | Out-Null
Get-ExchangeCertificate | ? { $_.Subject -like '*Example new*' } | Enable-ExchangeCertificate -Services SMTP | Out-Null
#---- result
Get-ExchangeCertificate | ? { $_.Subject -like '*Example new*' } | fl Subject,Services,FriendlyName
