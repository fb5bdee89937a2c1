# By name and version.
terraform import nhi_template.reader s3-object-reader@1.2.0
