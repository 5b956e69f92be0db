"contoso.com","fabrikam.com" | % { New-AcceptedDomain -Name $_ -DomainName $_ | Out-Null }
Get-AcceptedDomain | ? DomainName -in "contoso.com","fabrikam.com" | ft Name,DomainType
Get-AcceptedDomain | where { $_.DomainName -like "fab*" } | Remove-AcceptedDomain -Confirm:$false
#---- result
(Get-AcceptedDomain).DomainName
