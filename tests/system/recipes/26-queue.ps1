Get-Queue | Get-Message -ResultSize 10 | Where {$_.Subject -eq "spam"} | ft Identity
Get-MessageTrackingLog -Start (Get-Date).AddDays(-1) | ?{$_.EventId -eq "FAIL"} | fl *
"looked"
