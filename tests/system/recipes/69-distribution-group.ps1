New-Mailbox -Name paula -PrimarySmtpAddress paula@example.test | Out-Null
New-DistributionGroup -Name "Sales Team" -PrimarySmtpAddress sales@example.test -Members paula | fl Name,PrimarySmtpAddress,MemberCount
"carol@fabrikam.com","dave@fabrikam.com" | % { Add-DistributionGroupMember "Sales Team" -Member $_ }
Set-DistributionGroup sales@example.test -RequireSenderAuthenticationEnabled $false -EmailAddresses @{add="smtp:vertrieb@example.test"}
Get-DistributionGroupMember "Sales Team" | Format-Table Name,RecipientType
Set-Mailbox paula -ForwardingSmtpAddress smtp:paula@fabrikam.com -DeliverToMailboxAndForward $true
#---- result
Get-DistributionGroup | fl Name,EmailAddresses,RequireSenderAuthenticationEnabled
Get-Mailbox paula | fl ForwardingSmtpAddress,DeliverToMailboxAndForward
Remove-DistributionGroupMember "Sales Team" -Member dave@fabrikam.com -Confirm:$false
Remove-DistributionGroup "Sales Team" -Confirm:$false
Remove-Mailbox paula -Confirm:$false
