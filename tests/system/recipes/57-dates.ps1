$start = [datetime]"2027-02-01 10:00"
$end = $start.AddHours(36).AddMinutes(30)
($end - $start).TotalHours
$end.ToString("yyyy-MM-dd HH:mm")
"{0:dd.MM.yyyy}" -f $start
(New-TimeSpan -Start $start -End $end).Days
if ($start -lt "2027-02-02") { "earlier" }
[timespan]"00:05:00" + [timespan]"00:10:00"
