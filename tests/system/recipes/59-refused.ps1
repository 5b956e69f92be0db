Get-Queue > queue.txt
