PS C:\Windows\system32> $cert = Get-ExchangeCertificate –Thumbprint “{{MAIL}}”
PS C:\Windows\system32> $tlscertificatename = “<I>$($cert.Issuer)<S>$($cert.Subject)”
PS C:\Windows\system32> Set-ReceiveConnector ‘MX\Client Frontend MX’ `  
>> —Fqdn mail.contoso.com `
>> —TlsCertificateName $tlscertificatename
#---- result
(Get-ReceiveConnector "Client Frontend MX").TlsCertificateName
