Get-Queue | Get-Message -ResultSize unlimited | Where {$_.Subject -eq "spam"} | ft Identity
Get-MessageTrackingLog -ResultSize Unlimited -Start (Get-Date).AddDays(-1) | ?{$_.EventId -eq "FAIL"} | fl *
"looked"
