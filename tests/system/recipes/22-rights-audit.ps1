Get-ADPermission "Anonymous Relay" | where {($_.Deny -eq $false) -and ($_.IsInherited -eq $false)} | Format-Table User,ExtendedRights
Get-ADPermission "Anonymous Relay" | where {$_.User -like '*anonymous*'} | Measure-Object | % { $_.Count }
